// Package deploy tests the manifests, against the types that Kubernetes itself reads them into.
package deploy

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// manifest reads one document strictly: an unknown field, one that is there twice and a wrong type are errors.
func manifest(text []byte) (any, error) {
	var kind struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(text, &kind); err != nil {
		return nil, err
	}
	into := map[string]any{
		"v1 ServiceAccount": &core.ServiceAccount{}, "v1 ConfigMap": &core.ConfigMap{}, "v1 PersistentVolumeClaim": &core.PersistentVolumeClaim{},
		"batch/v1 CronJob": &batch.CronJob{}, "networking.k8s.io/v1 NetworkPolicy": &networking.NetworkPolicy{},
	}[kind.APIVersion+" "+kind.Kind]
	if into == nil {
		return nil, fmt.Errorf("there is no %s %s here", kind.APIVersion, kind.Kind)
	}
	return into, yaml.UnmarshalStrict(text, into)
}

func TestManifests(t *testing.T) {
	text, err := os.ReadFile("kubernetes/fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	jobs := map[string]batch.JobSpec{}
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		m, err := manifest(document)
		if err != nil {
			t.Errorf("%v in\n%s", err, document)
			continue
		}
		seen = append(seen, strings.TrimPrefix(fmt.Sprintf("%T", m), "*v1."))
		if c, ok := m.(*batch.CronJob); ok {
			jobs[c.Name] = c.Spec.JobTemplate.Spec
		}
		if _, err := manifest(append(slices.Clone(document), "\nunknown: 1\n"...)); err == nil {
			t.Errorf("an unknown field is no error in\n%s", document)
		}
	}
	if got := strings.Join(seen, " "); got != "ServiceAccount ConfigMap PersistentVolumeClaim CronJob CronJob NetworkPolicy NetworkPolicy" {
		t.Errorf("there are %s", got)
	}
	fleet, merge := jobs["halocheck-fleet"], jobs["halocheck-merge"]
	// Kubernetes refuses a failure policy for pods that restart by themselves, and FailIndex without a limit for each index.
	pod := fleet.Template.Spec
	if fleet.CompletionMode == nil || *fleet.CompletionMode != batch.IndexedCompletion || fleet.BackoffLimitPerIndex == nil || pod.RestartPolicy != core.RestartPolicyNever || merge.Template.Spec.RestartPolicy != core.RestartPolicyNever {
		t.Fatal("the failure policies would be refused")
	}
	command := strings.Join(pod.Containers[0].Command, " ")
	if want := fmt.Sprintf("--shards %d ", *fleet.Completions); !strings.Contains(command, want) {
		t.Errorf("%q does not say %s", command, want)
	}
	for _, x := range []struct {
		job  batch.JobSpec
		want map[int32]batch.PodFailurePolicyAction
	}{
		{fleet, map[int32]batch.PodFailurePolicyAction{1: "FailIndex", 2: "FailJob", 3: "FailIndex", 4: ""}},
		{merge, map[int32]batch.PodFailurePolicyAction{1: "FailJob", 2: "FailJob", 3: "FailJob", 4: ""}},
	} {
		for code, want := range x.want {
			if got := actionOf(x.job, code, false); got != want {
				t.Errorf("exit %d: %q, want %q", code, got, want)
			}
			if got := actionOf(x.job, code, true); got != batch.PodFailurePolicyActionIgnore {
				t.Errorf("exit %d on a node that is drained: %q", code, got)
			}
		}
	}
	if len(pod.NodeSelector) == 0 || pod.Volumes[1].Secret == nil || len(pod.Containers[0].EnvFrom) > 0 {
		t.Error("the shards are on any node, or their secrets are no files")
	}
}

// actionOf is what the first rule that fits does; empty: none fits, and the failure counts towards the retries.
func actionOf(j batch.JobSpec, code int32, drained bool) batch.PodFailurePolicyAction {
	for _, r := range j.PodFailurePolicy.Rules {
		if drained && slices.ContainsFunc(r.OnPodConditions, func(c batch.PodFailurePolicyOnPodConditionsPattern) bool {
			return c.Type == core.DisruptionTarget && c.Status == core.ConditionTrue
		}) {
			return r.Action
		}
		if on := r.OnExitCodes; on != nil && on.Operator == batch.PodFailurePolicyOnExitCodesOpIn && *on.ContainerName == j.Template.Spec.Containers[0].Name && slices.Contains(on.Values, code) {
			return r.Action
		}
	}
	return ""
}
