import { dingtalkOn } from './clients/dingtalkOnPhones'

dingtalkOn('ios')
