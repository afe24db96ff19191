import { QueryClientProvider } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { RouterProvider } from 'react-aria-components'
import { Route, Switch, useLocation } from 'wouter'
import { createQueryClient } from './query-client.ts'
import { ROUTES } from './routes.tsx'
import { ErrorBoundary } from './shell/error-boundary.tsx'
import { NotFoundPage } from './shell/not-found.tsx'
import { Confirmations } from './ui/confirm.tsx'
import { Toasts } from './ui/toast.tsx'

// The first page does without it.
const Shell = lazy(() => import('./shell/shell.tsx').then((module) => ({ default: module.Shell })))

/** Whether an address is a page of ours, and not of an API or a short link. */
function isPage(href: string): boolean {
  return /^\/(?:$|[?#]|(?:app|docs)(?:$|[/?#]))/.test(href)
}

/** The whole dashboard: which page an address is, and what stands around it. */
export function App() {
  const [client] = useState(createQueryClient)
  const [, navigate] = useLocation()
  return (
    <QueryClientProvider client={client}>
      <RouterProvider navigate={(href) => (isPage(href) ? navigate(href) : location.assign(href))}>
        <ErrorBoundary>
          <Suspense fallback={null}>
            <Switch>
              {ROUTES.filter(({ frame }) => frame === 'none').map(({ path, page: RoutePage }) => (
                <Route key={path} path={path}>
                  <RoutePage />
                </Route>
              ))}
              <Route>
                <Shell>
                  <Switch>
                    {ROUTES.filter(({ frame }) => frame === 'shell').map(({ path, page: RoutePage }) => (
                      <Route key={path} path={path}>
                        <RoutePage />
                      </Route>
                    ))}
                    <Route>
                      <NotFoundPage />
                    </Route>
                  </Switch>
                </Shell>
              </Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
        <Confirmations />
        <Toasts />
      </RouterProvider>
    </QueryClientProvider>
  )
}
