export default {
  testDir: '.',
  workers: 1,
  reporter: 'line',
  outputDir: '../../../.emta/playwright',
  use: {
    headless: true,
    launchOptions: {
      // The Chromium of the machine; leave it out where `npx playwright install` brought one.
      ...(process.env.CHROMIUM && { executablePath: process.env.CHROMIUM }),
      args: ['--disable-gpu', '--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    },
  },
};
