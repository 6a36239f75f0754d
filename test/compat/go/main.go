// Command compat sends the spans of one trace with an unmodified client and prints the id of the trace.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	ocjaeger "contrib.go.opencensus.io/exporter/jaeger"
	oczipkin "contrib.go.opencensus.io/exporter/zipkin"
	"github.com/opentracing/opentracing-go"
	"github.com/opentracing/opentracing-go/ext"
	otlog "github.com/opentracing/opentracing-go/log"
	openzipkin "github.com/openzipkin/zipkin-go"
	zipkinhttp "github.com/openzipkin/zipkin-go/reporter/http"
	"github.com/uber/jaeger-client-go"
	"github.com/uber/jaeger-client-go/config"
	"go.opencensus.io/trace"
)

func main() {
	client, address := os.Args[1], os.Args[2]
	switch client {
	case "jaeger-udp":
		sendJaeger(&config.ReporterConfig{LocalAgentHostPort: address, BufferFlushInterval: 50 * time.Millisecond})
	case "jaeger-http":
		sendJaeger(&config.ReporterConfig{CollectorEndpoint: "http://" + address + "/api/traces", BufferFlushInterval: 50 * time.Millisecond})
	case "opencensus-jaeger":
		exporter, err := ocjaeger.NewExporter(ocjaeger.Options{
			AgentEndpoint: address,
			Process:       ocjaeger.Process{ServiceName: "hello-opencensus", Tags: []ocjaeger.Tag{ocjaeger.StringTag("version", "1.2")}},
		})
		must(err)
		sendOpenCensus(exporter, exporter.Flush)
	case "opencensus-zipkin":
		endpoint, err := openzipkin.NewEndpoint("hello-opencensus", "127.0.0.1:8080")
		must(err)
		reporter := zipkinhttp.NewReporter("http://" + address + "/api/v2/spans")
		sendOpenCensus(oczipkin.NewExporter(reporter, endpoint), func() { must(reporter.Close()) })
	case "opentelemetry-grpc":
		sendOpenTelemetry("grpc", address)
	case "opentelemetry-http":
		sendOpenTelemetry("http", address)
	default:
		log.Fatalf("there is no client %q", client)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func sendJaeger(reporter *config.ReporterConfig) {
	newTracer := func(service string) (opentracing.Tracer, func()) {
		tracer, closer, err := config.Configuration{
			ServiceName: service,
			Sampler:     &config.SamplerConfig{Type: jaeger.SamplerTypeConst, Param: 1},
			Reporter:    reporter,
			Tags:        []opentracing.Tag{{Key: "version", Value: "1.2"}},
		}.NewTracer(config.Gen128Bit(true))
		must(err)
		return tracer, func() { must(closer.Close()) }
	}
	hello, closeHello := newTracer("hello-go")
	formatter, closeFormatter := newTracer("formatter-go")

	root := hello.StartSpan("say-hello")
	root.SetTag("hello-to", "Bryan")
	root.SetBaggageItem("greeting", "Bonjour")
	child := hello.StartSpan("format", opentracing.ChildOf(root.Context()), ext.SpanKindRPCClient)
	child.SetTag("count", 3).SetTag("ratio", 0.5).SetTag("done", true)
	headers := opentracing.TextMapCarrier{}
	must(hello.Inject(child.Context(), opentracing.HTTPHeaders, headers))
	remote, err := formatter.Extract(opentracing.HTTPHeaders, headers)
	must(err)
	handled := formatter.StartSpan("handle", ext.RPCServerOption(remote))
	handled.LogFields(otlog.String("event", "string-format"), otlog.String("value", handled.BaggageItem("greeting")))
	ext.Error.Set(handled, true)
	handled.Finish()
	child.Finish()
	root.Finish()
	closeFormatter()
	closeHello()
	id := root.Context().(jaeger.SpanContext).TraceID()
	fmt.Printf("%016x%016x\n", id.High, id.Low)
}

func sendOpenCensus(exporter trace.Exporter, flush func()) {
	trace.RegisterExporter(exporter)
	trace.ApplyConfig(trace.Config{DefaultSampler: trace.AlwaysSample()})
	ctx, root := trace.StartSpan(context.Background(), "say-hello", trace.WithSpanKind(trace.SpanKindServer))
	root.AddAttributes(trace.StringAttribute("hello-to", "Bryan"), trace.Int64Attribute("count", 3), trace.BoolAttribute("done", true))
	_, child := trace.StartSpan(ctx, "format", trace.WithSpanKind(trace.SpanKindClient))
	child.Annotate(nil, "rows read")
	child.End()
	root.End()
	flush()
	fmt.Println(root.SpanContext().TraceID.String())
}
