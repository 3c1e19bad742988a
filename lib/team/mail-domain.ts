const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const domainPattern = new RegExp(`^(?:${label}\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`);
const MAX_LENGTH = 253;

/**
 * The one form of a mail domain: small ASCII letters. A leading `@` and a whole address are understood.
 * @returns `null` where it is none
 */
export function normaliseMailDomain(input: string): string | null {
  const text = input.trim();
  // Checked before lower-casing: look-alikes become ordinary letters by it.
  if (!/^[\x21-\x7e]+$/.test(text)) return null;
  const domain = text.slice(text.lastIndexOf("@") + 1).toLowerCase();
  return domain.length <= MAX_LENGTH && domainPattern.test(domain) ? domain : null;
}

/** Names that sell or give addresses to anybody, whatever stands behind the dot. */
const publicNames = new Set(
  "gmail googlemail outlook hotmail live msn passport yahoo ymail rocketmail aol icloud proton protonmail tutanota tuta gmx fastmail hushmail yandex mailinator guerrillamail yopmail 10minutemail".split(
    " ",
  ),
);
const publicDomains = new Set(
  "me.com mac.com pm.me mail.com email.com web.de t-online.de freenet.de posteo.de mailbox.org mail.ru bk.ru list.ru inbox.ru internet.ru rambler.ru ya.ru qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn naver.com daum.net hanmail.net kakao.com rediffmail.com zohomail.com zoho.com hey.com duck.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it terra.com.br uol.com.br bol.com.br seznam.cz wp.pl o2.pl onet.pl interia.pl comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com btinternet.com virginmedia.com sky.com ntlworld.com bigpond.com optusnet.com.au shaw.ca rogers.com sympatico.ca bluewin.ch hispeed.ch ziggo.nl kpnmail.nl skynet.be telenet.be temp-mail.org dispostable.com sharklasers.com trashmail.com getnada.com maildrop.cc simplelogin.com anonaddy.com addy.io mozmail.com relay.firefox.com privaterelay.appleid.com".split(
    " ",
  ),
);

/** Whether anybody can have an address there: then it says nothing about who belongs to a team. */
export function isPublicMailDomain(domain: string): boolean {
  const [name = ""] = domain.split(".");
  const isCountrys = domain.split(".").length <= 3 && publicNames.has(name);
  return isCountrys || publicDomains.has(domain);
}
