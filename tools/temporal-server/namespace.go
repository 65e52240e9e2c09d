package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	setupTimeout = 60 * time.Second
	retryPause   = 50 * time.Millisecond
	// How long the history of a finished workflow can be looked at.
	retention = 7 * 24 * time.Hour
)

type namespaceSetup struct {
	workflows workflowservice.WorkflowServiceClient
	operator  operatorservice.OperatorServiceClient
	opts      options
}

// setUpNamespace registers what is missing and returns a check which succeeds while the namespace
// answers queries over every search attribute.
func setUpNamespace(opts options) (check func(context.Context) error, err error) {
	connection, err := grpc.NewClient(address(opts.port), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithUnaryInterceptor(plainErrors))
	if err != nil {
		return nil, err
	}
	setup := namespaceSetup{
		workflows: workflowservice.NewWorkflowServiceClient(connection),
		operator:  operatorservice.NewOperatorServiceClient(connection),
		opts:      opts,
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	if err := retry(ctx, setup.register); err != nil {
		return nil, fmt.Errorf("registering namespace %s: %w", opts.namespace, err)
	}
	if err := retry(ctx, setup.addSearchAttributes); err != nil {
		return nil, fmt.Errorf("looking after search attributes: %w", err)
	}
	if err := retry(ctx, setup.query); err != nil {
		return nil, fmt.Errorf("querying search attributes: %w", err)
	}
	return setup.query, nil
}

func (s namespaceSetup) register(ctx context.Context) error {
	_, err := s.workflows.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        s.opts.namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	var exists *serviceerror.NamespaceAlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	return err
}

func (s namespaceSetup) addSearchAttributes(ctx context.Context) error {
	known, err := s.operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: s.opts.namespace})
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, wanted := range s.opts.searchAttributes {
		if found, ok := known.CustomAttributes[name]; !ok {
			missing[name] = wanted
		} else if found != wanted {
			return failure{exitSchemaMismatch, fmt.Sprintf("search attribute %s has type %s in this store, not %s", name, found, wanted)}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = s.operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace:        s.opts.namespace,
		SearchAttributes: missing,
	})
	if err != nil {
		return err
	}
	// The query that follows shows that the frontend knows them. History has a copy of its own,
	// which no request reaches, and which is at most one refresh behind.
	time.Sleep(2 * namespaceRefresh)
	return nil
}

func (s namespaceSetup) query(ctx context.Context) error {
	conditions := []string{"WorkflowId = 'none'"} // indexed: cheap in a large store
	for name := range s.opts.searchAttributes {
		conditions = append(conditions, fmt.Sprintf("`%s` IS NULL", name))
	}
	sort.Strings(conditions)
	_, err := s.workflows.CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: s.opts.namespace,
		Query:     strings.Join(conditions, " AND "),
	})
	return err
}

// retry asks again until the server's parts know the namespace, and gives up at once on what stays wrong.
func retry(ctx context.Context, step func(context.Context) error) error {
	for {
		err := step(ctx)
		var known failure
		if err == nil || errors.As(err, &known) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryPause):
		}
	}
}

// plainErrors turns gRPC statuses into Temporal's typed errors.
func plainErrors(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, callOptions ...grpc.CallOption) error {
	return serviceerror.FromStatus(serviceerror.ToStatus(invoke(ctx, method, request, reply, connection, callOptions...)))
}
