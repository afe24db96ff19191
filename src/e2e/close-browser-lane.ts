import { afterAll } from 'bun:test'
import { closeBrowserLane } from './browser-lane.ts'

// Loaded before the tests of the lane, so that this is done after the last of them.
afterAll(closeBrowserLane)
