package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// provisionerName is what a StorageClass of this cluster says in its field "provisioner".
const provisionerName = "stash.test/local"

// localProvisioner turns each claim into a directory under root and a "local" PersistentVolume bound to this node.
//
// "local" and not "hostPath": the kubelet applies a pod's fsGroup to local volumes, as it does to real storage, and never to
// host paths. The directories belong to root with mode 0755, so a non-root pod without fsGroup can't write, as on real storage.
type localProvisioner struct {
	root string
	node string
}

func (p *localProvisioner) Provision(_ context.Context, options controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	claim := options.PVC
	if claim.Spec.Selector != nil {
		return nil, controller.ProvisioningFinished, errors.New("claims with a selector are not supported")
	}
	if mode := claim.Spec.VolumeMode; mode != nil && *mode == v1.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished, errors.New("block volumes are not supported")
	}
	dir := filepath.Join(p.root, options.PVName)
	if err := os.Mkdir(dir, 0o755); err != nil && !os.IsExist(err) {
		return nil, controller.ProvisioningFinished, err
	}
	// Mkdir obeys the umask; the mode is part of the promise.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	return p.volume(options, dir), controller.ProvisioningFinished, nil
}

func (p *localProvisioner) volume(options controller.ProvisionOptions, dir string) *v1.PersistentVolume {
	claim := options.PVC
	filesystem := v1.PersistentVolumeFilesystem
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   claim.Spec.AccessModes,
			MountOptions:                  options.StorageClass.MountOptions,
			VolumeMode:                    &filesystem,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource:        v1.PersistentVolumeSource{Local: &v1.LocalVolumeSource{Path: dir}},
			NodeAffinity: &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
				MatchExpressions: []v1.NodeSelectorRequirement{{
					Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{p.node},
				}},
			}}}},
		},
	}
}

func (p *localProvisioner) Delete(_ context.Context, volume *v1.PersistentVolume) error {
	dir := filepath.Join(p.root, volume.Name)
	// Whoever can write PersistentVolumes must not be able to have any other directory of the host removed.
	if volume.Spec.Local == nil || volume.Spec.Local.Path != dir {
		return &controller.IgnoredError{Reason: fmt.Sprintf("volume %s is not at %s", volume.Name, dir)}
	}
	return os.RemoveAll(dir)
}

func runProvisioner() {
	kubeconfig := flag.String("kubeconfig", "", "file with the credentials for the API server")
	root := flag.String("root", "", "directory that holds the volumes")
	node := flag.String("node", "", "name of the node the volumes are on")
	flag.Parse()
	if *root == "" || *node == "" {
		log.Fatal("provisioner: --root and --node are needed")
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatalf("provisioner: %v", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	provisioner := &localProvisioner{root: *root, node: *node}
	controller.NewProvisionController(ctx, kubernetes.NewForConfigOrDie(config), provisionerName, provisioner,
		controller.LeaderElection(false), controller.RetryIntervalMax(10*time.Second)).Run(ctx)
}
