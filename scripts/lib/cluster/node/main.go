// Command node is every server of the test cluster in one file: the first argument (or the name it is called by) picks
// the component, the rest is that component's own command line. One binary means one build and one copy of the shared code.
// kubectl, which is called again and again, is a program of its own: it starts in half the time.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/coredns/coredns/coremain"
	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

var components = map[string]func(){
	"coredns":                 coremain.Run,
	"etcd":                    func() { etcdmain.Main(os.Args) },
	"kube-apiserver":          cobraComponent(apiserver.NewAPIServerCommand),
	"kube-controller-manager": cobraComponent(controllers.NewControllerManagerCommand),
	"kube-proxy":              cobraComponent(proxy.NewProxyCommand),
	"kube-scheduler":          cobraComponent(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
	// The kubelet installs its own signal handler, so it gets a plain context.
	"kubelet":     cobraComponent(func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }),
	"provisioner": runProvisioner,
}

// cobraComponent delays the construction of a command: building one registers flags and metrics that others also claim.
func cobraComponent(newCommand func() *cobra.Command) func() {
	return func() { os.Exit(cli.Run(newCommand())) }
}

func main() {
	name := filepath.Base(os.Args[0])
	if _, called := components[name]; !called && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		name = os.Args[0]
	}
	run, known := components[name]
	if !known {
		names := slices.Sorted(maps.Keys(components))
		fmt.Fprintf(os.Stderr, "usage: node COMPONENT [FLAG...]\ncomponents: %s\n", strings.Join(names, " "))
		os.Exit(2)
	}
	run()
}
