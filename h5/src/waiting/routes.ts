import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/waiting', component: () => import('./WaitingPage.vue') },
]
