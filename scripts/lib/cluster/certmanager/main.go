// Command certmanager is cert-manager as a test needs it: its controllers of certificates with the issuers "CA" and "self-signed",
// and its CA injector, in one program. All of it is cert-manager's own code. What is missing is what these never call: the other
// issuers, cert-manager's webhook, and the election of a leader.
//
// It works on the cluster of $KUBECONFIG, and ends when its input does, so that it never outlives the test that started it.
package main

import (
	"context"
	"io"
	"log"
	"os"

	"golang.org/x/sync/errgroup"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	ctrl.SetLogger(klog.Background())
	ended, end := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	group, ctx := errgroup.WithContext(ended)
	group.Go(func() error { return runControllers(ctx) })
	group.Go(func() error { return runInjector(ctx) })
	if err := group.Wait(); err != nil {
		log.Fatalf("certmanager: %v", err)
	}
}
