"""Work on other machines: Dask moves it, and what is told and asked between them; nothing else here knows Dask."""
