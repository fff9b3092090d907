export { findChromium, launchChromium, noChromium } from '../conformance/driver/chromium.ts';
