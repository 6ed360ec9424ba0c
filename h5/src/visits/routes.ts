import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/today', component: () => import('./TodayPage.vue'), meta: { tab: true } },
  { path: '/visits', component: () => import('./VisitsPage.vue'), meta: { tab: true } },
  { path: '/visits/:visitId', component: () => import('./VisitPage.vue'), props: true },
  {
    path: '/check-in/:customerId',
    component: () => import('./CheckInPage.vue'),
    props: ({ params, query }) => ({
      customerId: String(params.customerId),
      planId: query.plan ? String(query.plan) : null,
      visitType: query.type ? String(query.type) : undefined,
    }),
  },
]
