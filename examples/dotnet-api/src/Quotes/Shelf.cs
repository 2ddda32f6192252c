namespace Quotes;

public static class Shelf
{
    private static readonly string[] All =
    [
        "Measure twice, cut once.",
        "Many hands make light work.",
        "A stitch in time saves nine.",
    ];

    public static string OfDay(int day) => All[day % All.Length];
}
