"""Two pretend companies with a town of customers and three weeks behind them, from one seed."""
