// Package semantics tests the Kubernetes manifests with Kubernetes' own code: they are read, defaulted and validated as its API
// server does, and its Job controller decides what becomes of a pod that ends in each of halocheck's exit codes.
package semantics

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsinstall "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchinstall "k8s.io/kubernetes/pkg/apis/batch/install"
	batchvalidation "k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	coreinstall "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkinginstall "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
)

const (
	file      = "../kubernetes/fleet.yaml"
	teamFile  = "../kubernetes/halocheckd.yaml"
	agentFile = "../kubernetes/agent.yaml"
)

func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	batchinstall.Install(s)
	coreinstall.Install(s)
	appsinstall.Install(s)
	networkinginstall.Install(s)
	return s
}

// documents are those of a manifest.
func documents(t *testing.T, file string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(text, []byte("\n---\n"))
}

// read reads a document strictly into the internal type, with its defaults.
func read(scheme *runtime.Scheme, document []byte) (runtime.Object, error) {
	object, _, err := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder().Decode(document, nil, nil)
	return object, err
}

// validate is what the API server says of an object that is created.
func validate(object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *batch.CronJob:
		o.Namespace = "default"
		return batchvalidation.ValidateCronJobCreate(o, corevalidation.PodValidationOptions{})
	case *apps.Deployment:
		o.Namespace = "default"
		return appsvalidation.ValidateDeployment(o, corevalidation.PodValidationOptions{})
	case *core.Service:
		o.Namespace = "default"
		return corevalidation.ValidateServiceCreate(o)
	case *core.ServiceAccount:
		o.Namespace = "default"
		return corevalidation.ValidateServiceAccount(o)
	case *core.ConfigMap:
		o.Namespace = "default"
		return corevalidation.ValidateConfigMap(o)
	case *core.PersistentVolumeClaim:
		o.Namespace = "default"
		return corevalidation.ValidatePersistentVolumeClaim(o, corevalidation.PersistentVolumeClaimSpecValidationOptions{})
	case *networking.NetworkPolicy:
		o.Namespace = "default"
		return networkingvalidation.ValidateNetworkPolicy(o, networkingvalidation.NetworkPolicyValidationOptions{})
	}
	return field.ErrorList{field.InternalError(nil, fmt.Errorf("nothing validates a %T here", object))}
}

// job is the Job that a CronJob makes, with its defaults.
func job(t *testing.T, name string) *batchv1.Job {
	t.Helper()
	scheme := newScheme()
	for _, document := range documents(t, file) {
		object, err := read(scheme, document)
		if err != nil {
			t.Fatal(err)
		}
		c, ok := object.(*batch.CronJob)
		if !ok || c.Name != name {
			continue
		}
		var out batchv1.CronJob
		if err := scheme.Convert(c, &out, nil); err != nil {
			t.Fatal(err)
		}
		j := &batchv1.Job{Spec: out.Spec.JobTemplate.Spec}
		j.Name, j.Namespace, j.Labels = name+"-29400060", "default", out.Spec.JobTemplate.Labels
		j.Annotations = out.Spec.JobTemplate.Annotations
		scheme.Default(j)
		// What the API server adds to a Job that is created.
		j.UID = "job"
		pods := map[string]string{batchv1.ControllerUidLabel: string(j.UID), batchv1.JobNameLabel: j.Name}
		j.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: string(j.UID)}}
		maps.Copy(j.Spec.Template.Labels, pods)
		return j
	}
	t.Fatalf("%s has no CronJob %s", file, name)
	return nil
}

func TestManifestsAreAccepted(t *testing.T) {
	scheme := newScheme()
	for file, want := range map[string]string{
		file:      "ServiceAccount ConfigMap PersistentVolumeClaim CronJob CronJob NetworkPolicy NetworkPolicy",
		teamFile:  "PersistentVolumeClaim Deployment Service NetworkPolicy",
		agentFile: "PersistentVolumeClaim Deployment NetworkPolicy",
	} {
		var seen []string
		for _, document := range documents(t, file) {
			object, err := read(scheme, document)
			if err != nil {
				t.Errorf("%v in\n%s", err, document)
				continue
			}
			_, kind, _ := strings.Cut(fmt.Sprintf("%T", object), ".")
			seen = append(seen, kind)
			if errs := validate(object); len(errs) > 0 {
				t.Errorf("%s: %v", kind, errs.ToAggregate())
			}
			if _, err := read(scheme, append(slices.Clone(document), "\nunknown: 1\n"...)); err == nil {
				t.Errorf("an unknown field is no error in\n%s", document)
			}
		}
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s: there are %s", file, got)
		}
	}
}

// TestManifestsFitHalocheck: what Kubernetes cannot know.
func TestManifestsFitHalocheck(t *testing.T) {
	fleet, merge := job(t, "halocheck-fleet"), job(t, "halocheck-merge")
	pod := fleet.Spec.Template.Spec
	command := strings.Join(pod.Containers[0].Command, " ")
	if want := fmt.Sprintf("--shards %d ", *fleet.Spec.Completions); !strings.Contains(command, want) {
		t.Errorf("%q does not say %s", command, want)
	}
	if len(pod.NodeSelector) == 0 || pod.Volumes[1].Secret == nil || len(pod.Containers[0].EnvFrom) > 0 {
		t.Error("the shards are on any node, or their secrets are no files")
	}
	for _, j := range []*batchv1.Job{fleet, merge} {
		c := j.Spec.Template.Spec.Containers[0]
		if c.Command[0] != "halocheck" || !*c.SecurityContext.ReadOnlyRootFilesystem || !*j.Spec.Template.Spec.SecurityContext.RunAsNonRoot {
			t.Errorf("%s needs a shell, root's rights or a file system that can be written to: %q", j.Name, c.Command)
		}
	}
}
