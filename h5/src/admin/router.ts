import { createRouter, createWebHashHistory } from 'vue-router'
import { ensureSignedIn } from '../sign_in/signIn'
import ConnectionsPage from './connections/ConnectionsPage.vue'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/sign-in', component: () => import('../sign_in/SignInPage.vue'), meta: { open: true } },
    { path: '/connections', component: ConnectionsPage },
    { path: '/fields', component: () => import('./fields/FieldsPage.vue') },
    { path: '/tags', component: () => import('./fields/TagsPage.vue') },
    { path: '/grading', component: () => import('./grading/GradingPage.vue') },
    { path: '/pools', component: () => import('./pools/PoolsPage.vue') },
    { path: '/pools/new', component: () => import('./pools/PoolPage.vue') },
    { path: '/pools/:id', component: () => import('./pools/PoolPage.vue'), props: true },
    { path: '/territories', component: () => import('./territories/TerritoriesPage.vue') },
    { path: '/roles', component: () => import('./roles/RolesPage.vue') },
    { path: '/integrations', component: () => import('./integrations/IntegrationsPage.vue') },
    { path: '/imports', component: () => import('./imports/ImportsPage.vue') },
    { path: '/imports/:id', component: () => import('./imports/ImportPage.vue'), props: true },
    { path: '/:nowhere(.*)*', redirect: '/connections' },
  ],
})

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  if (await ensureSignedIn(to.fullPath)) return true
  return { path: '/sign-in', query: { next: to.fullPath }, replace: true }
})
