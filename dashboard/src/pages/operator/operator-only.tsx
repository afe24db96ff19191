import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { useAccount } from '#dash/api/session.ts'
import { EmptyState } from '#dash/ui/states.tsx'

/** What only those see who run the server. */
export function OperatorOnly({ children }: { readonly children: ReactNode }) {
  const { is_operator: isOperator } = useAccount()
  if (isOperator) return children
  return (
    <EmptyState
      icon={<Lock size={24} />}
      title="This page is for operators"
      text="Only whoever runs this server sees it."
      headingLevel={1}
    />
  )
}
