// cert-manager-webhook runs cert-manager's admission webhook with a serving
// certificate from files, for an API server that runs outside its cluster.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/klog/v2"

	"github.com/cert-manager/cert-manager/internal/webhook"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
	"github.com/cert-manager/cert-manager/pkg/webhook/server"
)

func main() {
	// controller-runtime puts flags of its own into the default set.
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "path of the kubeconfig")
	port := flags.Int("secure-port", 0, "port to serve on")
	cert := flags.String("tls-cert-file", "", "serving certificate")
	key := flags.String("tls-private-key-file", "", "serving key")
	if err := flags.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, int32(*port), *cert, *key); err != nil {
		fmt.Fprintln(os.Stderr, "cert-manager-webhook:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig string, port int32, cert, key string) error {
	log := klog.Background()
	ctx = logf.NewContext(ctx, log)
	config, err := options.NewWebhookConfiguration()
	if err != nil {
		return err
	}
	config.KubeConfig = kubeconfig
	config.SecurePort = port
	config.MetricsListenAddress = "0"
	config.TLSConfig.Filesystem.CertFile = cert
	config.TLSConfig.Filesystem.KeyFile = key
	hook, err := webhook.NewCertManagerWebhookServer(log, *config, withoutHealth)
	if err != nil {
		return err
	}
	return hook.Run(ctx)
}

// withoutHealth leaves the health endpoint out: it would listen on every address.
func withoutHealth(hook *server.Server) { hook.HealthzAddr = nil }
