/**
 * The styles of the Vant components that we use, one by one. Not by `vant/es/…/style`, which pulls
 * in the icon font: 35 kB for pictures that we draw as SVG.
 */
import 'vant/es/style/base.css'
import 'vant/es/overlay/index.css'
import 'vant/es/popup/index.css'
import 'vant/es/button/index.css'
import 'vant/es/cell/index.css'
import 'vant/es/field/index.css'
import 'vant/es/loading/index.css'
import 'vant/es/pull-refresh/index.css'
import 'vant/es/skeleton/index.css'
import 'vant/es/skeleton-paragraph/index.css'
import 'vant/es/skeleton-title/index.css'
import 'vant/es/toast/index.css'
import 'vant/es/dialog/index.css'
import 'vant/es/switch/index.css'
