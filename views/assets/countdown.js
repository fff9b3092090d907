// The page says by itself how long to wait; this lets the number run, and says once when the wait is over.
for (const wait of document.querySelectorAll('[data-countdown]')) {
  const number = wait.querySelector('[data-part="seconds"]');
  const digits = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });
  // Counted from a fixed instant, because a page in the background gets few ticks.
  const end = performance.now() + Number(wait.dataset.countdown) * 1000;
  const ticking = setInterval(tick, 250);

  function tick() {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const text = digits.format(left);
    if (number.textContent !== text) number.textContent = text;
    if (left > 0) return;
    clearInterval(ticking);
    wait.hidden = true;
    wait.parentElement.querySelector('[role="status"]').textContent = wait.dataset.ready;
  }
}
