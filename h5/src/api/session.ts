import { shallowRef } from 'vue'
import type { Me } from './types'

/** The signed-in member; null until somebody is. Written by signing in and out only. */
export const me = shallowRef<Me | null>(null)
