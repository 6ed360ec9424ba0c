import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { ensureSignedIn } from './sign_in/signIn'

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown to somebody who is not signed in. */
    open?: boolean
    /** One of the four pages of the tab bar. */
    tab?: boolean
  }
}

// Every folder brings its own routes, so there is no central list to edit.
const folders = import.meta.glob<RouteRecordRaw[]>('./*/routes.ts', {
  eager: true,
  import: 'routes',
})

export const router = createRouter({
  // Behind the #: both hosts sign a page's address without it, so one signature serves all pages.
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/today' },
    ...Object.values(folders).flat(),
    { path: '/:nowhere(.*)*', redirect: '/today' },
  ],
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
})

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  if (await ensureSignedIn(to.fullPath)) return true
  return { path: '/sign-in', query: { next: to.fullPath }, replace: true }
})
