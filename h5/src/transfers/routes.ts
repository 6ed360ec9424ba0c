import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/transfers',
    component: () => import('./TransferPage.vue'),
    props: (route) => ({ from: String(route.query.from ?? '') }),
  },
]
