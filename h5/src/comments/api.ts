import { get, send } from '../api/client'
import type { Comment, NewComment, Person } from '../api/types'

export function commentOn(customer_id: string, body: NewComment, key: string): Promise<Comment> {
  return send('post', '/api/v1/customers/{customer_id}/comments', { path: { customer_id }, body, key })
}

export function editComment(comment_id: string, text: string, mentions: string[], key: string): Promise<Comment> {
  return send('patch', '/api/v1/comments/{comment_id}', { path: { comment_id }, body: { text, mentions }, key })
}

export function removeComment(comment_id: string, key: string): Promise<Comment> {
  return send('delete', '/api/v1/comments/{comment_id}', { path: { comment_id }, key })
}

export async function whomToMention(customer_id: string, q: string): Promise<Person[]> {
  const path = { customer_id }
  return (await get('/api/v1/customers/{customer_id}/mentionable', { path, query: { q } })).members
}
