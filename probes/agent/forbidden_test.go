package agent

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/role"
)

func TestJudgeNotAPIOnly(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		only   *bool
		status probes.Status
		cause  probes.Cause
	}{{nil, probes.Unknown, probes.NotObserved}, {&yes, probes.Failed, probes.IsAPIOnly}, {&no, probes.Passed, probes.OK}} {
		if v := judgeNotAPIOnly(role.Permissions{Agent: halo.Agent{APIOnly: c.only}}); v.Status != c.status || v.Cause != c.cause {
			t.Errorf("%+v", v)
		}
	}
}
