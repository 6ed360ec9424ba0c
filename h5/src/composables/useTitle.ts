import { onActivated, onMounted, watch } from 'vue'
import { host } from '../host'

let said = ''

/** Keep the host's title bar saying what the page is about. */
export function useTitle(title: () => string): void {
  const say = () => {
    if (title() === said) return
    said = title()
    // A host that will not change its title bar costs nobody anything.
    void host().setTitle(said).catch(() => undefined)
  }
  onMounted(say)
  onActivated(say)
  watch(title, say)
}
