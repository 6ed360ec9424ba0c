/** Short names for what the server sends and takes; all of them come from the generated schema. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Entry = Schemas['EntryOut']
export type Me = Schemas['MeOut']
export type PageSignature = Schemas['PageSignatureOut']
export type Problem = Schemas['Problem']

export type Today = Schemas['TodayOut']
export type Stop = Schemas['Stop']
export type Visit = Schemas['VisitOut']
export type VisitRow = Schemas['VisitRow']
export type VisitFix = Schemas['FixOut']
export type Corroboration = Schemas['CorroborationOut']
export type Verdict = Schemas['VerdictOut']
export type VerdictName = Verdict['verdict']
export type Photo = Schemas['PhotoOut']
export type Log = Schemas['LogIn']
export type LogResult = Log['result']
export type CheckIn = Schemas['CheckInIn']
export type CheckOut = Schemas['CheckOutIn']
export type SentFix = Schemas['FixIn']

export type Customer = Schemas['CustomerOut']
export type CustomerBrief = Schemas['CustomerBrief']
export type CustomerRow = Schemas['CustomerRow']
export type CustomerRows = Schemas['CustomerRows']
export type NewCustomer = Schemas['CustomerIn']
export type CustomerChange = Schemas['CustomerChange']
export type Level = Customer['level']
export type Place = Schemas['PlaceOut']
export type NewLocation = Schemas['LocationIn']

export type Connections = Schemas['ConnectionsOut']
export type Connection = Schemas['ConnectionOut']
export type Advice = Schemas['AdviceOut']
export type Verb = Schemas['AdviceOut']['verb']
export type Finding = Schemas['FindingOut']
export type SyncReport = Schemas['SyncReportOut']
export type HostService = Schemas['ServiceOut']
