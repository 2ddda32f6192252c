using Quotes;

// the image has no shell and no curl: the app asks itself
if (args is ["health"])
{
    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
    try
    {
        using var answer = await client.GetAsync("http://127.0.0.1:8080/healthz");
        return answer.IsSuccessStatusCode ? 0 : 1;
    }
    catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
    {
        return 1;
    }
}

var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => new { runtime = Environment.Version.ToString(), quote = Shelf.OfDay(DateTime.UtcNow.DayOfYear) });
app.MapGet("/healthz", () => Results.Ok());
await app.RunAsync();
return 0;
