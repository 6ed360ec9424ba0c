import { showDialog, showToast } from 'vant'
import type { CustomerBrief } from '../api/types'
import { host } from '../host'
import { t } from '../locales'
import { handOverRefused, isCancelled } from './refusals'

/** A customer as far as calling and finding him goes. */
export interface Reachable {
  id: string
  name: string
  address: string
  phone: string
  place: { gcj_lat: number, gcj_lng: number } | null
}

/** Hand over to the phone and the map of the host; says so when the host will not. */
export const reach = {
  /** On a desk, which cannot call, the number is shown instead. */
  call: (phone: string) =>
    handOver(() => (host().can('call') ? host().callPhone(phone) : show(phone))),
  navigate: ({ name, address, place }: Reachable) =>
    handOver(async () => {
      if (place) await host().openMap({ name, address, ...onlyGcj(place) })
    }),
}

/** A masked number (138********) is shown, and cannot be called. */
export const canCall = (phone: string) => phone !== '' && !phone.includes('*')

export function reachable(customer: CustomerBrief): Reachable {
  const { id, name, address, phone, gcj_lat, gcj_lng } = customer
  const isKnown = typeof gcj_lat === 'number' && typeof gcj_lng === 'number'
  return { id, name, address, phone, place: isKnown ? { gcj_lat, gcj_lng } : null }
}

function onlyGcj({ gcj_lat, gcj_lng }: { gcj_lat: number, gcj_lng: number }) {
  return { gcj_lat, gcj_lng }
}

async function handOver(ask: () => Promise<void>): Promise<void> {
  try {
    await ask()
  }
  catch (refusal) {
    if (!isCancelled(refusal)) showToast(handOverRefused(refusal))
  }
}

async function show(phone: string): Promise<void> {
  await showDialog({ title: phone, message: t('failure.call_missing') })
}
