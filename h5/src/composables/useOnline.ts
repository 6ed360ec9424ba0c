import { ref } from 'vue'
import { host } from '../host'

/** Whether the phone says it has a network. It may be wrong; a request decides. */
export const online = ref(navigator.onLine)

/** Follow the host's word about the network from now on. */
export function followNetwork(): void {
  host().onNetworkChange(now => (online.value = now))
}
