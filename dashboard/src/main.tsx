import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const root = document.querySelector('#root')
if (root === null) throw new Error('the document has no place for the dashboard')
createRoot(root).render(<App />)
