import { dingtalkOn } from './clients/dingtalkOnPhones'

dingtalkOn('android')
