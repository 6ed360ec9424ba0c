import { createApp } from 'vue'
import { onSignInNeeded } from './api/client'
import App from './App.vue'
import { router } from './router'
import { signInAgain } from './sign_in/signIn'
import './styles/vant'
import './styles/tokens.css'
import './styles/base.css'

onSignInNeeded(signInAgain)
createApp(App).use(router).mount('#app')
