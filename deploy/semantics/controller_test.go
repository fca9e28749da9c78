package semantics

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	controller "k8s.io/kubernetes/pkg/controller/job"
)

// drained is the end of a pod whose node is drained: halocheck is interrupted and ends in 3, and the eviction leaves its mark.
const drained = -1

// observed is what became of a Job.
type observed struct {
	end    string // the condition and its reason
	pods   int    // that were started
	failed string // indexes
}

// run lets the Job controller work until the Job is over. The kubelet's part is played here: the first pod of index 0, or of a Job
// without indexes, ends as the codes say one after the other, the last of them for ever; every other pod ends in 0.
func run(t *testing.T, job *batchv1.Job, codes ...int) observed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client := fake.NewClientset()
	var mu sync.Mutex
	pods, ends := 0, 0
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		mu.Lock()
		defer mu.Unlock()
		pod := action.(clienttesting.CreateAction).GetObject().(*corev1.Pod)
		pods++
		pod.Name = fmt.Sprintf("%s%d", pod.GenerateName, pods) // the API server's part
		pod.Namespace = job.Namespace
		pod.UID = types.UID(pod.Name)
		code := 0
		if index := pod.Annotations[batchv1.JobCompletionIndexAnnotation]; index == "0" || index == "" {
			code = codes[min(ends, len(codes)-1)]
			ends++
		}
		finish(pod, code)
		return false, nil, nil
	})
	factory := informers.NewSharedInformerFactory(client, 0)
	c, err := controller.NewController(ctx, client, factory.Core().V1().Pods(), factory.Batch().V1().Jobs(), factory.Scheduling().V1beta1().Workloads(), factory.Scheduling().V1beta1().PodGroups())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.BatchV1().Jobs(job.Namespace).Create(ctx, job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	stopped := make(chan struct{})
	go func() { defer close(stopped); c.Run(ctx, 1) }()
	defer func() { cancel(); <-stopped }()
	for ctx.Err() == nil {
		j, err := client.BatchV1().Jobs(job.Namespace).Get(ctx, job.Name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, condition := range j.Status.Conditions {
			if condition.Status == corev1.ConditionTrue && (condition.Type == batchv1.JobComplete || condition.Type == batchv1.JobFailed) {
				mu.Lock()
				defer mu.Unlock()
				o := observed{end: strings.TrimSpace(string(condition.Type) + " " + condition.Reason), pods: pods}
				if j.Status.FailedIndexes != nil {
					o.failed = *j.Status.FailedIndexes
				}
				return o
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the Job is not over after two minutes")
	return observed{}
}

// finish makes a pod one that has run.
func finish(pod *corev1.Pod, code int) {
	now := metav1.Now()
	pod.Status = corev1.PodStatus{Phase: corev1.PodSucceeded, StartTime: &now}
	if code == drained {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI", LastTransitionTime: now}}
		code = 3
	}
	if code != 0 {
		pod.Status.Phase = corev1.PodFailed
	}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name:  pod.Spec.Containers[0].Name,
		State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: int32(code), FinishedAt: now}},
	}}
}

// TestExitCodes prints what the Job controller makes of each end.
func TestExitCodes(t *testing.T) {
	// Its own back-off is ten seconds and more; what it decides is the same.
	controller.DefaultJobPodFailureBackOff, controller.MaxJobPodFailureBackOff, controller.SyncJobBatchPeriod = time.Millisecond, time.Millisecond, time.Millisecond
	rows := []struct {
		job   string
		ends  string
		codes []int
		want  observed
	}{
		{"halocheck-fleet", "0", []int{0}, observed{"Complete CompletionsReached", 3, ""}},
		{"halocheck-fleet", "1", []int{1}, observed{"Failed FailedIndexes", 3, "0"}},
		{"halocheck-fleet", "2", []int{2}, observed{"Failed PodFailurePolicy", 3, ""}},
		{"halocheck-fleet", "3", []int{3}, observed{"Failed FailedIndexes", 3, "0"}},
		{"halocheck-fleet", "4, then 0", []int{4, 0}, observed{"Complete CompletionsReached", 4, ""}},
		{"halocheck-fleet", "4 for ever", []int{4}, observed{"Failed FailedIndexes", 6, "0"}},
		{"halocheck-fleet", "drained, then 0", []int{drained, 0}, observed{"Complete CompletionsReached", 4, ""}},
		{"halocheck-fleet", "drained 5 times", []int{drained, drained, drained, drained, drained, 0}, observed{"Complete CompletionsReached", 8, ""}},
		{"halocheck-merge", "0", []int{0}, observed{"Complete CompletionsReached", 1, ""}},
		{"halocheck-merge", "1", []int{1}, observed{"Failed PodFailurePolicy", 1, ""}},
		{"halocheck-merge", "2", []int{2}, observed{"Failed PodFailurePolicy", 1, ""}},
		{"halocheck-merge", "3", []int{3}, observed{"Failed PodFailurePolicy", 1, ""}},
		{"halocheck-merge", "4, then 0", []int{4, 0}, observed{"Complete CompletionsReached", 2, ""}},
		{"halocheck-merge", "4 for ever", []int{4}, observed{"Failed BackoffLimitExceeded", 4, ""}},
		{"halocheck-merge", "drained, then 0", []int{drained, 0}, observed{"Complete CompletionsReached", 2, ""}},
	}
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-16s  %-16s  %-30s  %4s  %s\n", "job", "pod ends in", "the Job is", "pods", "failed indexes")
	for _, row := range rows {
		got := run(t, job(t, row.job), row.codes...)
		fmt.Fprintf(&table, "%-16s  %-16s  %-30s  %4d  %s\n", row.job, row.ends, got.end, got.pods, got.failed)
		if got != row.want {
			t.Errorf("%s, %s: %+v, want %+v", row.job, row.ends, got, row.want)
		}
	}
	t.Log(table.String())
}
