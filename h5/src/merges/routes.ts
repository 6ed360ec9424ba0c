import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/duplicates', component: () => import('./DuplicatesPage.vue') },
  { path: '/customers/:customerId/merge/:loserId', component: () => import('./MergePage.vue'), props: true },
]
