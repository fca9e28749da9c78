package selfproof_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// running is a fake in a process of its own.
type running struct {
	process  *exec.Cmd
	URL      string `json:"url"`
	AuthURL  string `json:"auth_url"`
	AdminURL string `json:"admin_url"`
	ID       string `json:"admin_client_id"` // these two from the admin listener
	Secret   string `json:"admin_client_secret"`
	token    string
}

// startProcess runs the real program with a state file and takes a token of its administrator.
func startProcess(binary, state string) *running {
	GinkgoHelper()
	r := &running{process: exec.Command(binary, "fake", "--http", "--rate-limit", "off", "--state", state)}
	out, err := r.process.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(r.process.Start()).To(Succeed())
	DeferCleanup(func() { _ = r.process.Process.Kill() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(line, r)).To(Succeed())
	told, err := http.Get(r.AdminURL + "/instance")
	Expect(err).NotTo(HaveOccurred())
	defer told.Body.Close()
	Expect(json.NewDecoder(told.Body).Decode(r)).To(Succeed())
	answer, err := http.PostForm(r.AuthURL+"token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {r.ID}, "client_secret": {r.Secret}, "scope": {"all"},
	})
	Expect(err).NotTo(HaveOccurred())
	defer answer.Body.Close()
	var body struct {
		Token string `json:"access_token"`
	}
	Expect(json.NewDecoder(answer.Body).Decode(&body)).To(Succeed())
	r.token = body.Token
	return r
}

// manyWriters keeps a connection open for each.
var manyWriters = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// ask sends one request and gives its status and body; 0 where the server is gone.
func (r *running) ask(method, path, body string) (int, string) {
	request, err := http.NewRequest(method, r.URL+"/api/"+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	answer, err := manyWriters.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(raw)
}

// kills is how often the program is killed while it writes over 64 connections; HALOCHECK_KILLS says another number.
var kills = func() int {
	if n, err := strconv.Atoi(os.Getenv("HALOCHECK_KILLS")); err == nil {
		return n
	}
	return 8
}()

var _ = Describe("a fake that keeps its state", Label("state"), func() {
	It("loses no acknowledged ticket to kill -9", func() {
		notUnderRace(unwatched)
		dir := GinkgoT().TempDir()
		binary, state := filepath.Join(dir, "halocheck"), filepath.Join(dir, "state.db")
		command("../..", nil, nil, "go", "build", "-o", binary, "./cmd/halocheck")
		kept := map[string]string{} // summary of each acknowledged ticket, by id
		for round := range kills {
			r := startProcess(binary, state)
			var mu sync.Mutex
			var writers sync.WaitGroup
			enough := make(chan struct{})
			acknowledged := 0
			for writer := range 64 {
				writers.Go(func() {
					for n := 0; ; n++ {
						summary := fmt.Sprintf("round %d, writer %d, ticket %d", round, writer, n)
						status, body := r.ask(http.MethodPost, "Tickets", fmt.Sprintf(`[{"summary":%q}]`, summary))
						if status != http.StatusCreated {
							return // killed
						}
						var made struct{ ID int }
						if json.Unmarshal([]byte(body), &made) != nil {
							return // cut off: not acknowledged
						}
						mu.Lock()
						kept[fmt.Sprint(made.ID)] = summary
						if acknowledged++; acknowledged == 3+7*(round%5) {
							close(enough)
						}
						mu.Unlock()
					}
				})
			}
			Eventually(enough).WithTimeout(time.Minute).Should(BeClosed())
			Expect(r.process.Process.Signal(syscall.SIGKILL)).To(Succeed()) // while the others write
			writers.Wait()
			_ = r.process.Wait() // it was killed
		}
		r := startProcess(binary, state)
		for id, summary := range kept {
			status, body := r.ask(http.MethodGet, "Tickets/"+id, "")
			Expect(status).To(Equal(http.StatusOK), "ticket %s: %s", id, summary)
			Expect(body).To(ContainSubstring(fmt.Sprintf("%q", summary)))
		}
		GinkgoWriter.Printf("%d acknowledged tickets survived %d kills\n", len(kept), kills)
		Expect(len(kept)).To(BeNumerically(">=", 3*kills))

		status, _ := r.ask(http.MethodDelete, "Tickets/2001", "")
		Expect(status).To(Equal(http.StatusOK))
		Expect(r.process.Process.Signal(syscall.SIGTERM)).To(Succeed())
		Expect(r.process.Wait()).To(Succeed())
		again := startProcess(binary, state)
		status, _ = again.ask(http.MethodGet, "Tickets/2001", "")
		Expect(status).To(Equal(http.StatusNotFound), "what was deleted comes back")
	})
})
