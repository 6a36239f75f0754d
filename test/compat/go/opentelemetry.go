package main

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// sendOpenTelemetry records a call between two services, as applications with the SDK do.
func sendOpenTelemetry(transport, address string) {
	ctx := context.Background()
	newProvider := func(service string) *sdktrace.TracerProvider {
		var exporter sdktrace.SpanExporter
		var err error
		if transport == "grpc" {
			exporter, err = otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(address), otlptracegrpc.WithInsecure(), otlptracegrpc.WithCompressor("gzip"))
		} else {
			exporter, err = otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(address), otlptracehttp.WithInsecure(), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		}
		must(err)
		return sdktrace.NewTracerProvider(
			sdktrace.WithBatcher(exporter),
			sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.version", "1.2"))),
		)
	}
	hello, formatter := newProvider("hello-opentelemetry-go"), newProvider("formatter-opentelemetry-go")
	propagator := propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})

	ctx, root := hello.Tracer("hello", trace.WithInstrumentationVersion("0.1")).Start(ctx, "say-hello", trace.WithAttributes(attribute.String("hello-to", "Bryan")))
	member, err := baggage.NewMember("greeting", "Bonjour")
	must(err)
	bag, err := baggage.New(member)
	must(err)
	ctx = baggage.ContextWithBaggage(ctx, bag)
	ctx, child := hello.Tracer("hello").Start(ctx, "format", trace.WithSpanKind(trace.SpanKindClient), trace.WithLinks(trace.Link{SpanContext: root.SpanContext(), Attributes: []attribute.KeyValue{attribute.Bool("linked", true)}}))
	child.SetAttributes(attribute.Int("count", 3), attribute.Float64("ratio", 0.5), attribute.Bool("done", true), attribute.StringSlice("list", []string{"a", "b"}))
	headers := propagation.MapCarrier{}
	propagator.Inject(ctx, headers)

	remote := propagator.Extract(context.Background(), headers)
	_, handled := formatter.Tracer("formatter").Start(remote, "handle", trace.WithSpanKind(trace.SpanKindServer))
	handled.AddEvent("string-format", trace.WithAttributes(attribute.String("value", baggage.FromContext(remote).Member("greeting").Value())))
	handled.SetStatus(codes.Error, "it broke")
	handled.RecordError(errors.New("it broke"))
	handled.End()
	child.End()
	root.End()
	must(formatter.Shutdown(context.Background()))
	must(hello.Shutdown(context.Background()))
	fmt.Println(root.SpanContext().TraceID().String())
}
