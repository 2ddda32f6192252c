using Xunit;

namespace Quotes.Tests;

public class ShelfTests
{
    [Fact]
    public void TheShelfStartsAgainWhenItIsThrough() => Assert.Equal(Shelf.OfDay(1), Shelf.OfDay(4));
}
