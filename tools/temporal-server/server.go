package main

import (
	"fmt"
	"net"
	"os"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

// How often the server's parts read the namespaces again. The default of two seconds would be the
// longest part of a first start; at this rate it is a handful of reads a second.
const namespaceRefresh = 250 * time.Millisecond

// Fixed by the first start of a store.
const historyShards = 4

func dynamicConfig(opts options) dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		dynamicconfig.MakeKey("system.namespaceCacheRefreshInterval"): namespaceRefresh,
		// The default of 20 per second and shard makes every step of a workflow wait up to 50 ms.
		dynamicconfig.MakeKey("history.transferProcessorMaxPollRPS"): 200,
		// Partitions spread a queue over hosts; there is one host.
		dynamicconfig.MakeKey("matching.numTaskqueueReadPartitions"):  1,
		dynamicconfig.MakeKey("matching.numTaskqueueWritePartitions"): 1,
		// Lets tests and demos skip the waiting of a single workflow.
		dynamicconfig.MakeKey("frontend.WorkflowTimeSkippingEnabled"): true,
		// A timer that is set to fire at once waits this long, collected with its neighbours. Short is costly
		// where many are set: it is for tests, in which lives skip their waiting one date at a time.
		dynamicconfig.MakeKey("history.timerProcessorMaxTimeShift"): opts.timerShift,
		// Few events let tests come to a second run of a workflow within seconds.
		dynamicconfig.MakeKey("limit.historyCount.suggestContinueAsNew"): opts.newRunAfter,
	}
}

type runningServer struct {
	server temporal.Server
	ui     *uiserver.Server
}

func (r runningServer) stop() {
	r.ui.Stop()
	if err := r.server.Stop(); err != nil {
		fmt.Fprintf(os.Stderr, "temporal-server: stopping: %v\n", err)
	}
}

func startServer(opts options) (runningServer, error) {
	ports, err := servicePorts(opts)
	if err != nil {
		return runningServer{}, err
	}
	hosts := map[primitives.ServiceName]static.Hosts{}
	for service, port := range ports {
		hosts[service] = static.SingleLocalHost(address(port))
	}
	cfg := serverConfig(opts, ports)
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return runningServer{}, err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.logLevel, Format: "json"}))
	server, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithDynamicConfigClient(dynamicConfig(opts)),
	)
	if err != nil {
		return runningServer{}, fmt.Errorf("building the server: %w", err)
	}
	if err := server.Start(); err != nil {
		return runningServer{}, fmt.Errorf("starting the server: %w", err)
	}
	ui := uiserver.NewServer(server_options.WithConfigProvider(&uiconfig.Config{
		Host:                loopback,
		Port:                opts.uiPort,
		TemporalGRPCAddress: address(opts.port),
		EnableUI:            true,
		DefaultNamespace:    opts.namespace,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain HTTP on the loopback
		HideLogs:            true,
		DisableNewsFetch:    true,
	}))
	go func() { _ = ui.Start() }()
	return runningServer{server, ui}, nil
}

func serverConfig(opts options, ports map[primitives.ServiceName]int) *config.Config {
	const store, clusterName = "store", "active"
	services := map[string]config.Service{}
	for service, port := range ports {
		services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return &config.Config{
		Global: config.Global{Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}},
		Persistence: config.Persistence{
			DefaultStore:     store,
			VisibilityStore:  store,
			NumHistoryShards: historyShards,
			DataStores:       map[string]config.DataStore{store: {SQL: storeConfig(opts.storeFile)}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: address(opts.port)},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
		}},
		PublicClient: config.PublicClient{HostPort: address(opts.port)},
		Services:     services,
	}
}

// servicePorts asks for the ports before anything starts, because a port that is taken ends the
// process in the middle of the start, with a message for developers.
func servicePorts(opts options) (map[primitives.ServiceName]int, error) {
	wanted := map[primitives.ServiceName]int{
		primitives.FrontendService: opts.port,
		primitives.HistoryService:  0,
		primitives.MatchingService: 0,
		primitives.WorkerService:   0,
	}
	ui, err := listen(opts.uiPort)
	if err != nil {
		return nil, err
	}
	defer ui.Close()
	ports := map[primitives.ServiceName]int{}
	for service, port := range wanted {
		listener, err := listen(port)
		if err != nil {
			return nil, err
		}
		defer listener.Close() // all together at the end: otherwise the same free port could come twice
		ports[service] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return nil, failure{exitPortTaken, fmt.Sprintf("port %d on %s cannot be used (%v)", port, loopback, err)}
	}
	return listener, nil
}

func address(port int) string { return fmt.Sprintf("%s:%d", loopback, port) }
