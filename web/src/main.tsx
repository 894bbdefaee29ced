import './style.css';

import { render } from 'preact';

import { App } from './page/app';
import { applyStoredTheme } from './page/theme';
import { Gate } from './session/gate';

applyStoredTheme();
render(<Gate><App /></Gate>, document.getElementById('app')!);
