import type { CustomerRow } from '../api/types'
import { t } from '../locales'

/** Why a row is here, where the marked name does not say it: 「电话 · 8000」. */
export function reason(row: Pick<CustomerRow, 'matched_on' | 'matched_text'>, typed: string): string {
  switch (row.matched_on) {
    case 'phone':
      return t('customer.found_by_phone', { what: typed.trim() })
    case 'contact':
      return t('customer.found_by_contact', { what: row.matched_text })
    case 'tag':
      return t('customer.found_by_tag', { what: row.matched_text })
    case 'field':
      return t('customer.found_by_field', { what: row.matched_text })
    case 'address':
      return t('customer.found_by_address')
    case 'number':
      return t('customer.found_by_number')
    case 'similar':
      return t('customer.found_by_similar')
    default:
      return ''
  }
}
