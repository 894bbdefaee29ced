import './style.css';

import { render } from 'preact';

import { App } from './page/app';
import { applyStoredTheme } from './page/theme';

applyStoredTheme();
render(<App />, document.getElementById('app')!);
