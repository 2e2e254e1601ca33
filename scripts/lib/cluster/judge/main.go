// Command judge says of pods what Kubernetes' own code says: whether the API server would create them, their QoS class, and
// the strictest level of Pod Security that they pass. It reads one JSON object a line and answers each with one.
//
//	{"pod": {...}, "version": "v1.24"}  ->  {"errors": ["spec.containers[1]..."], "qos": "Burstable", "level": "baseline",
//	                                         "violations": {"restricted": ["..."]}}
//
// "version" is the one of Pod Security, "latest" when it is not given.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/helper/qos"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/capabilities"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type question struct {
	Pod     json.RawMessage `json:"pod"`
	Version string          `json:"version"`
}

type answer struct {
	Errors     []string            `json:"errors"`
	QoS        core.PodQOSClass    `json:"qos,omitempty"`
	Level      security.Level      `json:"level,omitempty"`
	Violations map[string][]string `json:"violations,omitempty"`
}

// complete gives the pod what it has when the API server validates it: a name, a namespace, the defaults of its version.
func complete(pod *v1.Pod) {
	if pod.Name == "" {
		pod.Name = pod.GenerateName + "abcde"
	}
	if pod.Namespace == "" {
		pod.Namespace = "default"
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = "default"
	}
	for i := range pod.OwnerReferences {
		if pod.OwnerReferences[i].UID == "" {
			pod.OwnerReferences[i].UID = "made-by-a-controller"
		}
	}
	legacyscheme.Scheme.Default(pod)
}

// create is what pkg/registry/core/pod does before it stores a pod.
func create(pod *v1.Pod, ret *answer) {
	internal := &core.Pod{}
	if err := legacyscheme.Scheme.Convert(pod, internal, nil); err != nil {
		ret.Errors = append(ret.Errors, err.Error())
		return
	}
	ret.QoS = qos.GetPodQOS(internal)
	podutil.DropDisabledPodFields(internal, nil)
	options := podutil.GetValidationOptionsFromPodSpecAndMeta(&internal.Spec, nil, &internal.ObjectMeta, nil)
	options.ResourceIsPod = true
	for _, err := range validation.ValidatePodCreate(internal, options) {
		ret.Errors = append(ret.Errors, err.Error())
	}
}

func secure(evaluator policy.Evaluator, version security.Version, pod *v1.Pod, ret *answer) {
	ret.Level = security.LevelPrivileged
	for _, level := range []security.Level{security.LevelBaseline, security.LevelRestricted} {
		at := security.LevelVersion{Level: level, Version: version}
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(at, &pod.ObjectMeta, &pod.Spec))
		if !result.Allowed {
			if ret.Violations == nil {
				ret.Violations = map[string][]string{}
			}
			ret.Violations[string(level)] = append(ret.Violations[string(level)], result.ForbiddenDetail())
			return
		}
		ret.Level = level
	}
}

func judge(evaluator policy.Evaluator, line []byte) answer {
	ret := answer{Errors: []string{}}
	asked := question{}
	pod := &v1.Pod{}
	if err := json.Unmarshal(line, &asked); err != nil {
		log.Fatalf("judge: %v in %.200s", err, line)
	}
	version, err := security.ParseVersion(strings.TrimSpace(asked.Version))
	if asked.Version == "" {
		version = security.LatestVersion()
	} else if err != nil {
		log.Fatalf("judge: %v", err)
	}
	if err := json.Unmarshal(asked.Pod, pod); err != nil {
		ret.Errors = append(ret.Errors, err.Error())
		return ret
	}
	complete(pod)
	create(pod, &ret)
	secure(evaluator, version, pod, &ret)
	return ret
}

func main() {
	// As with --allow-privileged, which our cluster and most others have.
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true})
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		log.Fatalf("judge: %v", err)
	}
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			text, _ := json.Marshal(judge(evaluator, line))
			fmt.Fprintln(out, string(text))
		}
		if err != nil {
			return
		}
	}
}
