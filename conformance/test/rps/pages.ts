/** How a login can end without a citizen signed in, as the citizen is told. */
export type End = 'refused' | 'mismatch' | 'unavailable' | 'bad-answer' | 'signed-out' | 'not-found';

interface EndPage {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

export const endPages: Readonly<Record<End, EndPage>> = {
  refused: {
    status: 403,
    title: 'ورود انجام نشد',
    text: 'احراز هویت در سامانه امتا کامل نشد یا مجوز ورود یکپارچه داده نشد.',
  },
  mismatch: {
    status: 403,
    title: 'مغایرت شماره همراه',
    text: 'شماره همراه به نام شما تایید نشد. شماره‌ای فعال و به نام خود وارد کنید.',
  },
  unavailable: {
    status: 503,
    title: 'سامانه امتا در دسترس نیست',
    text: 'سامانه امتا در حال حاضر در دسترس نیست. لطفا بعدا مراجعه نمایید.',
  },
  'bad-answer': {
    status: 400,
    title: 'پاسخ نامعتبر',
    text: 'پاسخ سامانه امتا معتبر نیست یا مهلت آن تمام شده است. لطفا دوباره شروع کنید.',
  },
  'signed-out': { status: 401, title: 'وارد نشده‌اید', text: 'برای دیدن حساب خود وارد شوید.' },
  'not-found': { status: 404, title: 'یافت نشد', text: 'این صفحه وجود ندارد.' },
};

/** What an account page shows. */
export interface AccountView {
  readonly name: string;
  /** E.164, and only when Emta vouched for it. */
  readonly mobile?: string | undefined;
  /** Whether this is the first login. */
  readonly isNew: boolean;
}

/** The page that ends a login without a session: why, a way to try again, a way out. */
export function endPage(end: End): string {
  const { title, text } = endPages[end];
  return page(
    title,
    `<p id="${end}">${escapeHtml(text)}</p>
<p><a href="/login">تلاش دوباره</a></p>
<p><a href="/">بازگشت به صفحه نخست</a></p>`,
  );
}

export function homePage(): string {
  return page('فروشگاه نمونه', '<p><a href="/login">ورود از طریق امتا</a></p><p><a href="/account">حساب من</a></p>');
}

export function accountPage({ name, mobile, isNew }: AccountView): string {
  const number =
    mobile === undefined
      ? `<p id="mobile-unproven">${escapeHtml(endPages.mismatch.text)}</p>`
      : `<p>شماره همراه تایید شده: <bdi dir="ltr" id="mobile">${escapeHtml(mobile)}</bdi></p>`;
  return page(
    'حساب من',
    `${isNew ? '<p id="first-login">این نخستین ورود شماست و حساب شما ساخته شد.</p>\n' : ''}<p>نام: <bdi id="name">${escapeHtml(name)}</bdi></p>
${number}
<form method="post" action="/logout"><button>خروج</button></form>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="fa" dir="rtl">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
