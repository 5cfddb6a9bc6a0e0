// edgelstm run CONFIG: the service.

using System.CommandLine;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Service;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Runs every stream of a configuration until it is told to stop (SIGTERM, SIGINT) or every recording has
/// ended.</summary>
internal static class RunVerb
{
    public static Command Command()
    {
        Argument<string> configuration = Verb.ConfigurationArgument();
        Command command = new("run", "Run the service: sensors in, forecasts and alarms out.") { configuration };
        command.SetAction(parsed => Run(parsed.GetValue(configuration)!));
        return command;
    }

    private static int Run(string path)
    {
        DevicePlan? plan = Verb.Load(path);
        if (plan is null)
        {
            return ExitCode.Usage;
        }

        try
        {
            using IHost host = CreateHost(plan, BrokerSecrets.FindPassword(plan.Settings.Mqtt));
            host.Run();
            return ExitCode.Done;
        }
        catch (Exception failure) when (failure is MqttException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{path}: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    private static IHost CreateHost(DevicePlan plan, string? password)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is null)
        {
            builder.Logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "HH:mm:ss ";
            });
        }
        else
        {
            builder.Logging.AddSystemdConsole();
        }

        // The host's own lines ("Press Ctrl+C to shut down") say nothing that ours do not.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // Standard output belongs to data; everything the service says about itself goes to standard error.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddHostedService(services => new EdgeService(
            plan, password, services.GetRequiredService<ILogger<EdgeService>>(),
                services.GetRequiredService<IHostApplicationLifetime>()));
        return builder.Build();
    }
}
