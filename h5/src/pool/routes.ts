import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/pool', component: () => import('./PoolPage.vue') },
  { path: '/pool/ending', component: () => import('./EndingPage.vue') },
  { path: '/pool/absences', component: () => import('./AbsencesPage.vue') },
  { path: '/pool/holders', component: () => import('./HoldersPage.vue') },
]
