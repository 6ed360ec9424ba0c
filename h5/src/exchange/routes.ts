import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/exports',
    component: () => import('./ExportsPage.vue'),
    props: ({ query }) => ({ only: String(query.only ?? ''), typed: String(query.typed ?? '') }),
  },
]
