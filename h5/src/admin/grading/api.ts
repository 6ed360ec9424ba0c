import { get, send } from '../../api/client'
import type { GradeRules, GradeRulesAnswer, GradeTrial } from '../../api/types'

export function gradeRules(): Promise<GradeRulesAnswer> {
  return get('/api/v1/grade-rules', {})
}

/** What these rules would say of a thousand customers. A question: it changes nothing. */
export function tryRules(body: GradeRules, key: string): Promise<GradeTrial> {
  return send('post', '/api/v1/grade-rules/trial', { body, key })
}

export function saveRules(body: GradeRules, key: string): Promise<GradeRulesAnswer> {
  return send('put', '/api/v1/grade-rules', { body, key })
}
