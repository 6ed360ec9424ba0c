import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/customers', component: () => import('./CustomersPage.vue'), meta: { tab: true } },
  { path: '/customers/new', component: () => import('./NewCustomerPage.vue') },
  { path: '/customers/:customerId', component: () => import('./CustomerPage.vue'), props: true },
]
