import { createApp } from 'vue'
import { onSignInNeeded } from '../api/client'
import { signInAgain } from '../sign_in/signIn'
import '../styles/vant'
import '../styles/tokens.css'
import '../styles/base.css'
import './admin.css'
import AdminApp from './AdminApp.vue'
import { router } from './router'

onSignInNeeded(signInAgain)
createApp(AdminApp).use(router).mount('#app')
