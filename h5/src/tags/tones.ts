import type { Tag } from '../api/types'
import { language } from '../locales'

export const TONES: Record<Tag['color'], string> = {
  grey: 'tone-grey', blue: 'tone-accent', green: 'tone-green', amber: 'tone-amber', red: 'tone-red',
}

export function tagName({ name, name_en }: { name: string, name_en: string }): string {
  return (language.value === 'en' && name_en) || name
}
